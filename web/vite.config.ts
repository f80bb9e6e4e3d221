import { resolve } from 'node:path';
import { defineConfig } from 'vitest/config';

const page = (name: string) => resolve(import.meta.dirname, `${name}.html`);

export default defineConfig({
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    target: 'es2022',
    outDir: 'dist',
    // The site's Content-Security-Policy allows no data: addresses and no inline scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 800,
    rollupOptions: {
      input: { index: page('index'), watch: page('watch'), host: page('host'), operator: page('operator') },
    },
  },
  test: { include: ['tests/**/*.test.ts'], environment: 'node' },
});
