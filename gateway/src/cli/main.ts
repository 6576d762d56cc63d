/**
 * The command line: verb → module, loaded when asked for. Runs when imported, by `bin/countersign.mjs` and the launcher.
 *
 * Work in progress, split between people: `requests`, `approvals`, `login`, `logout`, `render/` and this file: one
 * engineer. `agents`, `reviewers`, `tools`, `log`, `check`: the API engineer. `serve`, `init`, `demo`: the lead.
 */
