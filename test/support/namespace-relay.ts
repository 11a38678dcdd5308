// What carries bytes out of a network namespace? `SOCKET PORT`: a socket of the file system, joined to a port of the loopback in here.

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
