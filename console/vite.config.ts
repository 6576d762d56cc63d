// How the console is built: one folder of files the gateway serves as they are. Nothing inline, nothing from elsewhere,
// so that the gateway's content security policy can forbid both.
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

/** `npm run console:dev` in front of a running gateway. */
const gateway = process.env['GATEWAY'] ?? 'http://localhost:7878';
const ours = ['/api', '/log', '/health', '/metrics', '/jwks.json', '/openapi.json'];

/** The page says it is English, and is: what its components would say in thirty other languages stays out. */
const english: Plugin = {
  name: 'english',
  enforce: 'pre',
  load: (id) =>
    /\/react-aria(-components)?\/.*\/intl\/.*[a-z]{2}-[A-Z]{2}\.mjs$/.test(id) && !id.endsWith('en-US.mjs')
      ? 'export default undefined;'
      : null,
};

// biome-ignore lint/style/noDefaultExport: Vite reads its configuration from the default export.
export default defineConfig({
  plugins: [english, react()],
  resolve: { conditions: ['countersign-source', 'module', 'browser', 'development|production'] },
  build: {
    target: 'es2023',
    assetsInlineLimit: 0,
    // One small file: a view whose style once failed to come would be drawn without it when it is tried again.
    cssCodeSplit: false,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    sourcemap: false,
    chunkSizeWarningLimit: 800,
  },
  server: { proxy: Object.fromEntries(ours.map((path) => [path, { target: gateway, changeOrigin: false }])) },
});
