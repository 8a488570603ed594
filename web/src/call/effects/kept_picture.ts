// The picture that one puts behind oneself, kept in this browser and nowhere else: as large as it is used, drawn anew, so
// that nothing else that stood in the file (a place, a camera) is kept with it.
const DATABASE = 'grotto.background'; // the page's own: the worker's holds keys
const STORE = 'pictures';
const KEY = 'own';
const TYPE = 'image/jpeg';
const QUALITY = 0.9;

export interface PictureStore {
  /** Null where there is none, or the browser keeps nothing. */
  read(): Promise<ImageBitmap | null>;
  /** Null forgets it. Where nothing can be kept it holds until the page is closed. */
  keep(picture: ImageBitmap | null): Promise<void>;
}

export const browserPictures: PictureStore = {
  async read() {
    try {
      const kept = await inStore('readonly', (store) => store.get(KEY));
      return kept instanceof Blob ? await createImageBitmap(kept) : null;
    } catch {
      return null;
    }
  },
  async keep(picture) {
    try {
      const kept = picture && (await encoded(picture));
      await inStore('readwrite', (store) => (kept ? store.put(kept, KEY) : store.delete(KEY)));
    } catch {
      // Storage is off, or full.
    }
  },
};

function encoded(picture: ImageBitmap): Promise<Blob> {
  const canvas = new OffscreenCanvas(picture.width, picture.height);
  canvas.getContext('2d')?.drawImage(picture, 0, 0);
  return canvas.convertToBlob({ type: TYPE, quality: QUALITY });
}

async function inStore(mode: IDBTransactionMode, act: (store: IDBObjectStore) => IDBRequest): Promise<unknown> {
  const database = await open();
  try {
    return await new Promise<unknown>((resolve, reject) => {
      const transaction = database.transaction(STORE, mode);
      const request = act(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
