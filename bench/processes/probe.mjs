// @ts-check
// Loaded into the gateway beside the product, by --import: what it has spent and what it weighs, asked over IPC. It is
// plain JavaScript, so that nothing but the product is loaded for it: no compiler, no module of ours.
import { writeHeapSnapshot } from 'node:v8';

/** @type {import('./gateway.ts').GatewayAnswers} */
const handlers = {
  usage() {
    const { user, system } = process.threadCpuUsage();
    const { rss, heapUsed } = process.memoryUsage();
    const all = process.cpuUsage();
    const rss_most = process.resourceUsage().maxRSS * 1024;
    return { cpu_us: user + system, all_us: all.user + all.system, rss, rss_most, heap: heapUsed };
  },
  snapshot: (file) => writeHeapSnapshot(file),
};

process.on(
  'message',
  (/** @type {{ n: number, ask: keyof typeof handlers, body: never }} */ { n, ask, body }) => {
    process.send?.({ n, answer: handlers[ask](body) });
  },
);
// The bench lets go, or is gone: the gateway is told what a terminal or a service manager would tell it.
process.once('disconnect', () => process.emit('SIGTERM'));
