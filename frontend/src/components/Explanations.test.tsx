import React from 'react';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { Explanations } from './Explanations';

const explained = (count: number) =>
  Array.from({ length: count }, (_, at) => ({ title: `Signal ${at}`, meaning: `Meaning ${at}.`, facts: [] }));

test('three signals are explained at once', () => {
  render(<Explanations explanations={explained(3)} />);
  expect(screen.getByText('Meaning 2.')).toBeVisible();
});

test('more are folded until somebody wants to know', async () => {
  render(<Explanations explanations={explained(12)} />);
  expect(screen.getByText('Meaning 0.')).not.toBeVisible();
  await userEvent.click(screen.getByText('What these 12 signals mean'));
  expect(screen.getByText('Meaning 0.')).toBeVisible();
});
