/**
 * The console: what reviewers, operators and auditors see. It shows what the gateway says and sends what people decide;
 * it must never decide, judge or remember anything by itself. Read router.tsx next.
 */
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { keepTheme } from './app/theme.ts';
import { cache } from './data/gate.ts';
import './kit/base.css';
import { router } from './router.tsx';

keepTheme();
const root = document.getElementById('root');
if (root === null) throw new Error('the page has no #root');
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={cache}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);
