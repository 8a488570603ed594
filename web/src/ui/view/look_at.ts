/** Opens what one can do about a tile, by its key; from the tile itself and from the list of people. */
import { createContext } from 'preact';

export const LookAt = createContext<(tile: string) => void>(() => {});
