// `npm run conformance`: the official suite and our own scenarios, first on the fixture, then through the gateway.
//   --direct       only the fixture
//   --only TEXT    only our own scenarios whose name contains TEXT
//   --tasks        only the task scenarios on held tools
//   --json         one JSON document on stdout instead of tables
// Exits 1 on any difference. It must never pass because something was not run.
import { parseArgs } from 'node:util';
import { perfect } from './compare.ts';
import { startFixture } from './fixture/fixture.ts';
import { print, type Section } from './report.ts';
import { REVISIONS, type Results, type Revision, runRequirements } from './suite.ts';

const { values: options } = parseArgs({
  options: {
    direct: { type: 'boolean', default: false },
    only: { type: 'string' },
    tasks: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});

const sections: Section[] = [];

function report(section: Section): void {
  sections.push(section);
  if (!options.json) print(section);
}

async function direct(): Promise<ReadonlyMap<Revision, Results>> {
  await using open = new AsyncDisposableStack();
  const fixture = open.adopt(await startFixture(), (it) => it.close());
  const reference = new Map<Revision, Results>();
  for (const revision of REVISIONS) {
    const results = await runRequirements(fixture.url, revision);
    reference.set(revision, results);
    report({ title: `fixture, direct, ${revision}`, lines: perfect(results) });
  }
  return reference;
}

if (options.direct) {
  await direct();
} else {
  const { heldTasks, missedBySuite, sameAsDirect } = await import('./through.ts');
  if (options.only !== undefined) report(await missedBySuite(options.only));
  else if (options.tasks) report(await heldTasks());
  else {
    for await (const section of sameAsDirect(await direct())) report(section);
    report(await heldTasks());
    report(await missedBySuite(undefined));
  }
}

const failed = sections.flatMap(({ lines }) => lines).filter(({ ok }) => !ok);
if (failed.length > 0 || sections.length === 0) process.exitCode = 1;
if (options.json) console.log(JSON.stringify({ ok: process.exitCode !== 1, sections }, null, 2));
