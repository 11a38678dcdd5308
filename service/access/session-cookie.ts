// Reads and writes the cookie of a browser session.

import type { CookieOptions, Request, Response } from 'express';

/** Named by port, because browsers send a cookie to every port of a host and two services may share a machine. */
const nameFor = ({ socket }: Request) => `plimsoll-session-${socket.localPort}`;

const options = ({ secure }: Request): CookieOptions => ({ httpOnly: true, sameSite: 'strict', secure, path: '/' });

export const sessionOf = (request: Request): string | undefined => cookieOf(request, nameFor(request));

export function cookieOf(request: Request, name: string): string | undefined {
  for (const pair of (request.get('Cookie') ?? '').split(';')) {
    const [key, value] = pair.trim().split('=', 2);
    if (key === name) return value;
  }
  return undefined;
}

export function setSession(request: Request, response: Response, session: string, seconds: number): void {
  response.cookie(nameFor(request), session, { ...options(request), maxAge: seconds * 1000 });
}

export function clearSession(request: Request, response: Response): void {
  response.clearCookie(nameFor(request), options(request));
}
