// The id comes from this page's own address, which the gateway has already matched against its pattern.
// @ts-check
const id = location.pathname.split('/').at(-1) ?? '';
const command = document.getElementById('command');
const host = document.getElementById('host');
if (command !== null) command.textContent = `countersign requests show ${id}`;
if (host !== null) host.textContent = location.host;
