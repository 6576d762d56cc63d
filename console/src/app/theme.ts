/**
 * Around every view: the frame with its navigation, the palette of keys, the theme. It knows the routes and who is signed
 * in; what a view shows is the view's own.
 */
export type Theme = 'system' | 'light' | 'dark';
const KEY = 'countersign.theme';
const dark = matchMedia('(prefers-color-scheme: dark)');

export function chosenTheme(): Theme {
  const kept = localStorage.getItem(KEY);
  return kept === 'light' || kept === 'dark' ? kept : 'system';
}

export function chooseTheme(theme: Theme): void {
  if (theme === 'system') localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, theme);
  applyTheme();
}

export function applyTheme(): void {
  const theme = chosenTheme();
  document.documentElement.dataset['theme'] = theme === 'system' ? (dark.matches ? 'dark' : 'light') : theme;
}

/** Before the first drawing, and whenever the system changes its mind. */
export function keepTheme(): void {
  applyTheme();
  dark.addEventListener('change', applyTheme);
}
