// Ways of a file into a page: the button, dropped, pasted.

/**
 * @param {object} use
 * @param {HTMLElement} use.button opens the browser's choice of files
 * @param {HTMLInputElement} use.input
 * @param {HTMLElement} use.area where files can be dropped and pasted
 * @param {() => boolean} use.can files are taken now
 * @param {(files: File[]) => void} use.take
 * @returns {() => void} stop listening
 */
export function fileInput({ button, input, area, can, take }) {
  const stop = new AbortController();
  const { signal } = stop;
  /** @param {DragEvent} event */
  const hasFiles = (event) => event.dataTransfer?.types.includes('Files') ?? false;
  /** @param {DragEvent} event */
  const here = (event) => can() && event.target instanceof Node && area.contains(event.target);

  button.addEventListener('click', () => input.click(), { signal });
  input.addEventListener('change', () => {
    const files = [...(input.files ?? [])];
    // The same file can be chosen again.
    input.value = '';
    if (files.length) take(files);
  }, { signal });
  document.addEventListener('dragover', (event) => {
    if (!hasFiles(event)) return;
    const takes = here(event);
    // Of several places on a page the one below the file decides; beside all of them a file must not take the page's place.
    if (event.dataTransfer && (takes || !event.defaultPrevented)) event.dataTransfer.dropEffect = takes ? 'copy' : 'none';
    event.preventDefault();
    area.toggleAttribute('data-dropping', takes);
  }, { signal });
  document.addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) area.removeAttribute('data-dropping');
  }, { signal });
  document.addEventListener('drop', (event) => {
    area.removeAttribute('data-dropping');
    if (!hasFiles(event)) return;
    event.preventDefault();
    const files = [...(event.dataTransfer?.files ?? [])];
    if (here(event) && files.length) take(files);
  }, { signal });
  area.addEventListener('paste', (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    // Tables and formatted words come with a picture of themselves: the words are meant.
    if (!can() || !files.length || event.clipboardData?.types.includes('text/plain')) return;
    event.preventDefault();
    take(files);
  }, { signal });
  return () => stop.abort();
}
