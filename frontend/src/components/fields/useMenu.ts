// What both drop-downs share: the search, the entry for a typed text, and the keys of an open menu. It is made for Grafana's Select and not
// for its Combobox. Of those up to Grafana 12.3 the icon of the one that loads keeps spinning (react-inlinesvg forgets an icon that
// changes while another is fetched), the one for several values loses letters that are typed fast up to 12.4, both search labels only,
// offer the typed text first, and tell nobody that their menu was closed. Select is the same in all of them.
import { useMemo, useState } from 'react';
import type { KeyboardEvent } from 'react';
import type { Choices } from '../../hooks/useChoices';
import type { Choice } from '../../types';
import { findOptions } from './select_options';

interface Menu extends Choices {
  /** What an empty list means, where it is known. */
  emptyText?: string | undefined;
  onOpenMenu?: () => void;
  onCloseMenu?: () => void;
}

/** The props of a Select or MultiSelect. */
export function useMenu({ choices, isLoading, failure, emptyText, onOpen, onOpenMenu, onCloseMenu }: Menu) {
  const [typed, setTyped] = useState('');
  const [isOpen, setOpen] = useState(false);
  /** Whether an arrow was pressed since the text was typed. */
  const [hasMoved, setMoved] = useState(false);
  // Callers make the list anew each time it is drawn.
  const list = JSON.stringify(choices);
  const options = useMemo(() => findOptions(JSON.parse(list) as Choice[], typed), [list, typed]);
  const shown = options.flatMap((entry) => ('options' in entry ? entry.options : [entry]));
  return {
    options,
    isLoading,
    loadingMessage: 'Loading…',
    noOptionsMessage: failure ?? emptyText ?? 'The list is empty.',
    // The search has been done.
    filterOption: () => true,
    allowCustomValue: true,
    formatCreateLabel: (text: string) => `Use "${text}"`,
    isValidNewOption: (text: string) => text.trim() !== '' && !choices.some(({ value }) => value === text.trim()),
    isClearable: true,
    // Else a click beside the menu would do nothing but close it, and the page could not be scrolled. Grafana's types leave it out.
    menuShouldBlockScroll: false,
    // A menu that was only opened leaves the value as it is.
    tabSelectsValue: typed !== '',
    onInputChange: (text: string) => {
      setTyped(text);
      setMoved(false);
    },
    onOpenMenu: () => {
      setOpen(true);
      onOpen?.();
      onOpenMenu?.();
    },
    onCloseMenu: () => {
      setOpen(false);
      onCloseMenu?.();
    },
    onKeyDown: (event: KeyboardEvent) => {
      if (event.key === 'Escape' && isOpen) {
        // It closes the menu, and not the page's drawer or panel.
        event.stopPropagation();
      }
      if (event.key === 'Enter' && event.shiftKey && typed === '') {
        // It runs the query: nothing was looked for, so nothing is picked.
        event.preventDefault();
      }
      if (event.key === 'ArrowDown' && typed !== '' && shown.length > 0 && !hasMoved) {
        // The first entry that was found is highlighted already: the key must not go on, at last to the typed text.
        event.preventDefault();
        setMoved(true);
      }
    },
  };
}
