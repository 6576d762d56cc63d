/** Light, dark, or as the system says. */
import { Moon, Sun, SunMoon } from 'lucide-react';
import { useState } from 'react';
import { IconButton } from '../kit/button.tsx';
import { chooseTheme, chosenTheme, type Theme } from './theme.ts';

const NEXT: { readonly [T in Theme]: Theme } = { system: 'light', light: 'dark', dark: 'system' };
const PICTURES = { system: SunMoon, light: Sun, dark: Moon };
const NAMES: { readonly [T in Theme]: string } = { system: 'as the system', light: 'light', dark: 'dark' };

export function ThemeChoice() {
  const [theme, setTheme] = useState(chosenTheme);
  const Picture = PICTURES[theme];
  const next = NEXT[theme];
  return (
    <IconButton
      label={`Colours: ${NAMES[theme]}. Change to ${NAMES[next]}`}
      onPress={() => {
        chooseTheme(next);
        setTheme(next);
      }}
    >
      <Picture size={16} strokeWidth={1.6} aria-hidden="true" />
    </IconButton>
  );
}
