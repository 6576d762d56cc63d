/** `countersign demo`. */
export { verb } from './demo/demo.ts';
