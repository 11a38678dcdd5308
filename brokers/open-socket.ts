// Opens a plain or TLS socket to an address.

import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { ignoreFault } from '../core/errors.ts';
import { splitAddress } from './address.ts';
import { serverNameFor, tlsOptions, type TlsConfig } from './tls-config.ts';

/** @throws the error of Node, AppError for unreadable TLS files, or the signal's reason */
export async function openSocket(address: string, tls: TlsConfig | undefined, signal: AbortSignal): Promise<Socket> {
  signal.throwIfAborted();
  const { host, port } = splitAddress(address);
  const socket = tls === undefined ? connectTcp({ host, port, noDelay: true }) : openTls(host, port, tls);
  try {
    await once(socket, tls === undefined ? 'connect' : 'secureConnect', { signal });
    return socket;
  } catch (cause) {
    // Later errors of the destroyed socket are ignored.
    socket.on('error', ignoreFault('the failed connection is reported already'));
    socket.destroy();
    throw signal.aborted ? signal.reason : cause;
  }
}

function openTls(host: string, port: number, tls: TlsConfig): Socket {
  return connectTls({ host, port, servername: serverNameFor(host, tls), ...tlsOptions(tls) }).setNoDelay(true);
}
