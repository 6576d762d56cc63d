// `npm run docs`: writes every page that is generated from the product.
import { writeFileSync } from 'node:fs';
import { page as api, apiPage } from './docs-api.ts';
import { page as cli, cliPage } from './docs-cli.ts';
import { page as configuration, configurationPage } from './docs-config.ts';

writeFileSync(configuration, configurationPage());
writeFileSync(cli, await cliPage());
writeFileSync(api, await apiPage());
console.log('wrote docs/configuration.md, docs/cli.md and docs/api.md');
