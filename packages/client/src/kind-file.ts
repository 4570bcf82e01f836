/** The fields of all built-in kinds. It is named here, since in `dist` all modules are where the sources at the top are. */
export const kindFile: URL = new URL('../data/kinds.json', import.meta.url);
