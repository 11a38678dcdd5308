// Relays a Unix socket to a loopback port inside a network namespace: `SOCKET PORT`.

import { connect, createServer } from 'node:net';

const [path = '', port = '0'] = process.argv.slice(2);

createServer((outside) => {
  const inside = connect(Number(port), '127.0.0.1');
  for (const [socket, other] of [
    [outside, inside],
    [inside, outside],
  ] as const) {
    socket.on('error', () => other.destroy()).pipe(other);
  }
}).listen(path, () => process.stdout.write('listening\n'));
