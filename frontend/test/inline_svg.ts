// Icons would be fetched: a test has none.
export default () => null;
