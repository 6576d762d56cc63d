// Vite turns a stylesheet into a file beside the script, and a module of one into the names of its classes. Types only:
// what a class looks like is decided in the stylesheet and nowhere else.
declare module '*.module.css' {
  const classes: { readonly [name: string]: string };
  // biome-ignore lint/style/noDefaultExport: this is the shape Vite gives a stylesheet.
  export default classes;
}
declare module '*.css';
