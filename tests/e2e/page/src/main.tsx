import './boot';
import React from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './App';

const root = document.getElementById('root');
if (root === null) {
  throw new Error('The page has no place to draw in.');
}
createRoot(root).render(<App />);
