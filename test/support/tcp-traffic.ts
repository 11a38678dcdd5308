// Fills a link with one TCP stream: `receive HOST PORT` or `send HOST PORT`, until killed.

import { connect, createServer } from 'node:net';

const [role, host = '127.0.0.1', port = '0'] = process.argv.slice(2);

if (role === 'receive') {
  createServer((socket) => void socket.on('error', () => undefined).resume()).listen(Number(port), host, () => {
    process.stdout.write('listening\n');
  });
} else {
  const chunk = Buffer.alloc(64 * 1024);
  const socket = connect(Number(port), host);
  const push = () => {
    while (socket.write(chunk));
  };
  socket.on('connect', push).on('drain', push);
}
