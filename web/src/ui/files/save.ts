/** Hands bytes to the browser as a download. They have a type that it does not open in the page. */
const KEPT_MS = 60_000; // a browser may ask where to, and reads only then

export function save(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), KEPT_MS);
}
