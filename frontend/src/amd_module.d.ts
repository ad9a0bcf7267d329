/** What an AMD loader tells a module about itself. */
declare module 'amd-module' {
  const module: { uri?: string };
  export default module;
}
