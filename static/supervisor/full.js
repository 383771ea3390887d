// Full screen, by the button or the F key: type that reads from four metres.
import { byId } from '../js/dom.js';

/** @param {(text: string) => void} toast */
export function fullScreen(toast) {
  const root = document.documentElement;
  const button = byId('full', HTMLButtonElement);
  const show = () => {
    const on = document.fullscreenElement !== null;
    root.toggleAttribute('data-full', on);
    button.setAttribute('aria-pressed', String(on));
  };
  const toggle = async () => {
    try {
      if (document.fullscreenElement) await document.exitFullscreen();
      else await root.requestFullscreen();
    } catch {
      toast('This browser does not allow full screen here.');
    }
  };
  button.addEventListener('click', toggle);
  document.addEventListener('fullscreenchange', show);
  document.addEventListener('keydown', (event) => {
    const typing = event.target instanceof Element && event.target.closest('input, textarea, select, [contenteditable], dialog[open]');
    if (event.key.toLowerCase() !== 'f' || event.ctrlKey || event.metaKey || event.altKey || typing) return;
    event.preventDefault();
    void toggle();
  });
}
