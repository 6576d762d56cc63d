/** `countersign init`. */
export { verb } from './init/init.ts';
