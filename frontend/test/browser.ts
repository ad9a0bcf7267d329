// What jsdom lacks of a browser and Grafana's components use.
import { TextDecoder, TextEncoder } from 'node:util';

Object.assign(globalThis, { TextDecoder, TextEncoder });

window.matchMedia = (media) =>
  Object.assign(new EventTarget(), {
    media,
    matches: false,
    onchange: null,
    addListener: () => undefined,
    removeListener: () => undefined,
  });

window.ResizeObserver = class {
  observe() {}
  unobserve() {}
  disconnect() {}
};

// Components measure texts on a canvas.
HTMLCanvasElement.prototype.getContext = (() => ({
  font: '',
  measureText: (text: string) => ({ width: text.length * 8 }),
})) as unknown as typeof HTMLCanvasElement.prototype.getContext;

// Virtual lists show what fits into their box, and here every box is empty.
Element.prototype.getBoundingClientRect = () => DOMRect.fromRect({ width: 400, height: 400 });
for (const side of ['offsetHeight', 'offsetWidth', 'clientHeight', 'clientWidth']) {
  Object.defineProperty(HTMLElement.prototype, side, { get: () => 400 });
}

// DOMRect itself is missing too.
Object.assign(globalThis, {
  DOMRect: {
    fromRect: ({ x = 0, y = 0, width = 0, height = 0 }: DOMRectInit = {}): DOMRect => {
      const sides = { x, y, width, height, top: y, left: x, right: x + width, bottom: y + height };
      return { ...sides, toJSON: () => sides };
    },
  },
});

// Scrolled lists ask whether their ends are in sight: nothing is, without a layout.
window.IntersectionObserver = class {
  readonly root = null;
  readonly rootMargin = '';
  readonly scrollMargin = '';
  readonly thresholds: readonly number[] = [];
  observe() {}
  unobserve() {}
  disconnect() {}
  takeRecords() {
    return [];
  }
};
