// Sends messages by mail over SMTP.

import { addAbortListener } from 'node:events';
import { untilAborted } from '../../../core/clock.ts';
import type { ChannelOf } from '../../../app/config/service-hooks.ts';
import { cut, fitting, inPlainText, sent, type Attempt, type ChannelKind } from './channel.ts';

const mostTextBytes = 100_000;
/** A header line has at most 998 bytes (RFC 5322 §2.1.1); mail programs show only the beginning. */
const mostSubjectBytes = 200;
const connectMs = 10_000;
/**
 * Content filters read a mail before the server accepts it (RFC 5321 §4.5.3.2.6). Alertmanager waits for its
 * group_interval, 5 minutes by default.
 */
const patienceMs = 120_000;

export const mail: ChannelKind<ChannelOf<'mail'>> = {
  perMinute: 30,
  patienceMs,
  async send(wording, { url, from, to }, { id, signal }) {
    const server = serverOf(url.reveal());
    if (server === undefined) {
      return { kind: 'refused', reason: `${url.toString()} has no address such as smtps://user:password@host:465` };
    }
    const { host, port, isSecure, login } = server;
    // Loaded only when the first mail is sent.
    const { createTransport } = await import('nodemailer');
    const transport = createTransport({
      host,
      port,
      secure: isSecure,
      // Requires TLS, so that the password is not sent in plain text.
      ...(login !== undefined && { auth: login, requireTLS: true }),
      connectionTimeout: connectMs,
      greetingTimeout: connectMs,
      socketTimeout: patienceMs,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    using _ = addAbortListener(signal, () => transport.close());
    try {
      const sending = transport.sendMail({
        from,
        to,
        // Mail servers and programs show a mail with a known identifier once.
        messageId: `<${id}@${from.slice(from.lastIndexOf('@') + 1)}>`,
        subject: cut(wording.title, mostSubjectBytes),
        text: `${fitting(wording, inPlainText, mostTextBytes)}\n`,
        headers: { 'Auto-Submitted': 'auto-generated' },
      });
      const { rejected } = await untilAborted(sending, signal);
      if (rejected.length === 0) return sent;
      // A failure would make Alertmanager send to the other recipients again. If all are refused, sendMail throws.
      const notice = `${rejected.length} of ${to.length} recipients refused: ${rejected.join(', ')}`;
      return { kind: 'sent', notice };
    } catch (error) {
      // The server may have accepted the mail, and a retry would deliver it twice.
      return signal.aborted ? { kind: 'refused', reason: 'no answer in time' } : judge(error);
    } finally {
      transport.close();
    }
  },
};

function serverOf(text: string) {
  const url = URL.parse(text);
  if (url === null || !/^smtps?:$/.test(url.protocol) || url.hostname === '') return undefined;
  const isSecure = url.protocol === 'smtps:';
  const defaultPort = isSecure ? 465 : url.username === '' ? 25 : 587;
  return {
    // An IPv6 address has brackets only in a URL.
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? defaultPort : Number(url.port),
    /** TLS from the first byte. */
    isSecure,
    ...(url.username !== '' && {
      login: { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) },
    }),
  };
}

/** RFC 5321 §4.2.1: 4xx is temporary, 5xx permanent. The server's text may contain the login, so it is not logged. */
function judge(error: unknown): Attempt {
  const { code, responseCode, syscall } = error as { code?: unknown; responseCode?: unknown; syscall?: unknown };
  const status = typeof responseCode === 'number' ? responseCode : undefined;
  if (code === 'EAUTH')
    return { kind: 'refused', reason: `the mail server refused the login (${status ?? 'no status'})` };
  if (code === 'ETLS')
    return { kind: 'refused', reason: 'the mail server offers no TLS, and a password is configured' };
  if (status !== undefined && status >= 500) return { kind: 'refused', reason: `SMTP status ${status}` };
  if (status !== undefined) return { kind: 'failed', reason: `SMTP status ${status}` };
  return {
    kind: 'failed',
    reason: typeof code === 'string' ? code : 'no answer in time',
    // Once connected, the connection may have ended after the server accepted the mail.
    mayBeSent: syscall !== 'connect' && code !== 'EDNS',
  };
}
