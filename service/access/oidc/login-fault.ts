// Classifies failed logins with the identity provider, without tokens and secrets.

import type { ShownLoginFault } from '../../../dashboards/web/login-faults.ts';

const longestDetail = 300;

export class LoginFault extends Error {
  readonly kind: ShownLoginFault;
  /** As the provider or the network reported it. */
  readonly detail: string | undefined;

  constructor(kind: ShownLoginFault, detail?: string, options?: ErrorOptions) {
    super(detail === undefined ? kind : `${kind}: ${detail}`, options);
    this.kind = kind;
    this.detail = detail?.slice(0, longestDetail);
  }
}

interface Comparison {
  claim?: unknown;
  claims?: Record<string, unknown>;
  now?: unknown;
  expected?: unknown;
}

/** Fault for each claim that failed validation. */
const byClaim: Partial<Record<string, ShownLoginFault>> = {
  nonce: 'token-nonce',
  aud: 'token-audience',
  azp: 'token-audience',
  iss: 'token-issuer',
};

/** @param error thrown by openid-client, with its documented codes */
export function loginFaultOf(error: unknown): LoginFault {
  if (error instanceof LoginFault) return error;
  const { name, code, message, cause } = error as Error & { code?: string };
  const options = { cause: error };
  switch (code) {
    case 'OAUTH_TIMEOUT':
    case 'OAUTH_ABORT':
      return new LoginFault('unreachable', 'no answer in time', options);
    case 'OAUTH_AUTHORIZATION_RESPONSE_ERROR':
    case 'OAUTH_RESPONSE_BODY_ERROR':
      return refusal(error as RefusedRequest, code);
    case 'OAUTH_WWW_AUTHENTICATE_CHALLENGE':
      return new LoginFault('client-refused', `HTTP ${(error as RefusedRequest).status}`, options);
    case 'OAUTH_JWT_CLAIM_COMPARISON_FAILED':
      return compared(comparisonIn(cause), options);
    case 'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED':
      return new LoginFault('bad-answer', causeText(cause) ?? message, options);
    case 'OAUTH_JWT_TIMESTAMP_CHECK_FAILED':
      return untimely(comparisonIn(cause), options);
    case 'OAUTH_KEY_SELECTION_FAILED':
      return new LoginFault('token-signature', causeText(cause) ?? message, options);
    case 'OAUTH_INVALID_RESPONSE':
    case 'OAUTH_PARSE_ERROR':
      return invalid(causeText(cause) ?? message, options);
    case 'OAUTH_RESPONSE_IS_NOT_CONFORM':
      return new LoginFault('bad-answer', cause instanceof Response ? `HTTP ${cause.status}` : message, options);
    default:
      // fetch throws a TypeError whose cause is the error of the socket.
      return name === 'TypeError' && cause !== undefined
        ? new LoginFault('unreachable', socketText(cause), options)
        : new LoginFault('bad-answer', causeText(cause) ?? message, options);
  }
}

interface RefusedRequest extends Error {
  status?: number;
  error?: string;
  error_description?: string;
}

function refusal(error: RefusedRequest, code: string): LoginFault {
  const detail = [error.error, error.error_description].filter((text) => text !== undefined).join(': ');
  const kind =
    code === 'OAUTH_AUTHORIZATION_RESPONSE_ERROR'
      ? 'denied'
      : error.error === 'invalid_client' || error.error === 'unauthorized_client'
        ? 'client-refused'
        : error.error === 'invalid_grant'
          ? 'code-refused'
          : 'bad-answer';
  return new LoginFault(kind, detail, { cause: error });
}

function compared({ claim, claims, expected }: Comparison, options: ErrorOptions): LoginFault {
  const kind = byClaim[String(claim)] ?? 'token-invalid';
  // A nonce is useless in a log.
  const values = kind === 'token-nonce' ? '' : `: ${text(claims?.[String(claim)])}, expected ${text(expected)}`;
  return new LoginFault(kind, `${String(claim)}${values}`, options);
}

/**
 * Explains a failed time claim: `exp` has passed; `iat`, `nbf` and `auth_time` may be in the future if the local clock
 * is late.
 */
function untimely({ claim, claims, now }: Comparison, options: ErrorOptions): LoginFault {
  const at = Number(claims?.[String(claim)]);
  const off = Number.isFinite(at) ? `, ${Math.abs(Math.round(at - Number(now)))} s from the clock of this service` : '';
  return new LoginFault(claim === 'exp' ? 'token-expired' : 'clock', `${String(claim)}${off}`, options);
}

function invalid(detail: string, options: ErrorOptions): LoginFault {
  if (/signature/.test(detail)) return new LoginFault('token-signature', detail, options);
  if (/"state"|response parameter "iss"/.test(detail)) return new LoginFault('state-missing', detail, options);
  if (/JWT|ID Token/i.test(detail)) return new LoginFault('token-invalid', detail, options);
  return new LoginFault('bad-answer', detail, options);
}

/** ClientError wraps the error of oauth4webapi, which has the comparison as its cause. */
function comparisonIn(cause: unknown): Comparison {
  const inner = cause instanceof Error ? cause.cause : cause;
  return typeof inner === 'object' && inner !== null ? inner : {};
}

const causeText = (cause: unknown) => (cause instanceof Error ? cause.message : undefined);

const text = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));

function socketText(cause: unknown): string {
  const { code, message } = cause as NodeJS.ErrnoException;
  return code ?? message;
}
