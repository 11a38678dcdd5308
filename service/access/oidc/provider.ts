// Communicates with the identity provider: discovery, authorization code flow with PKCE, and the logout address.

import type { Configuration } from 'openid-client';
import { isSafeUrl, type Oidc } from '../../../app/config/service-oidc.ts';
import type { Clock } from '../../../core/clock.ts';
import type { Logger } from '../../../core/log.ts';
import { AppError, ignoreFault } from '../../../core/errors.ts';
import { LoginFault, loginFaultOf } from './login-fault.ts';

/** Values that the browser must return after the login. */
export interface Pending {
  state: string;
  nonce: string;
  verifier: string;
}

export type Provider = ReturnType<typeof createProvider>;

const answerSeconds = 10;
/** Pause after a failure, so that login attempts do not all query a provider that is down. */
const restMs = 5000;
/** Keys and addresses of a provider change rarely. */
const discoveredMs = 3_600_000;
const mostAtOnce = 8;

export function createProvider(
  config: Oidc,
  { redirectUri, clock, log }: { redirectUri: string; clock: Pick<Clock, 'now'>; log: Pick<Logger, 'warn'> },
) {
  let known: { at: number; configuration: Configuration; secret: string } | undefined;
  let asking: Promise<Configuration> | undefined;
  let failed: { at: Date; fault: LoginFault } | undefined;
  let underWay = 0;
  const nowMs = () => clock.now().getTime();

  async function discover(secret: string): Promise<Configuration> {
    const client = await import('openid-client');
    const { clientAuthentication, clientId, issuer, clockTolerance } = config;
    const authentication =
      clientAuthentication === 'basic' ? client.ClientSecretBasic(secret) : client.ClientSecretPost(secret);
    // The library marks it as deprecated to warn users; here the config permits it on the loopback only.
    const { allowInsecureRequests } = client as { allowInsecureRequests(configuration: Configuration): void };
    const isPlain = issuer.startsWith('http://');
    const configuration = await client.discovery(
      new URL(issuer),
      clientId,
      { [client.clockTolerance]: clockTolerance },
      authentication,
      {
        timeout: answerSeconds,
        execute: [client.enableNonRepudiationChecks, ...(isPlain ? [allowInsecureRequests] : [])],
      },
    );
    const metadata = configuration.serverMetadata();
    for (const name of ['authorization_endpoint', 'token_endpoint', 'jwks_uri', 'userinfo_endpoint'] as const) {
      const address = metadata[name];
      if (address === undefined && name === 'userinfo_endpoint') continue;
      if (address === undefined) throw new LoginFault('bad-answer', `its metadata has no ${name}`);
      if (!isSafeUrl(address)) throw new LoginFault('bad-answer', `${name} is ${address}, without TLS`);
    }
    return configuration;
  }

  async function configured(): Promise<Configuration> {
    const secret = revealed(config);
    if (known !== undefined && nowMs() - known.at < discoveredMs && known.secret === secret) return known.configuration;
    if (asking !== undefined) return asking;
    if (failed !== undefined && nowMs() - failed.at.getTime() < restMs) throw failed.fault;
    asking = discover(secret);
    try {
      known = { at: nowMs(), configuration: await asking, secret };
      failed = undefined;
      return known.configuration;
    } catch (cause) {
      const fault = loginFaultOf(cause);
      failed = { at: clock.now(), fault };
      log.warn(
        { issuer: config.issuer, kind: fault.kind, detail: fault.detail },
        'no usable response from the identity provider',
      );
      throw fault;
    } finally {
      asking = undefined;
    }
  }

  /** Limits concurrency, so that many users who return at once do not overload the provider. */
  async function limited<Value>(work: () => Promise<Value>): Promise<Value> {
    if (underWay >= mostAtOnce) throw new LoginFault('busy', `${mostAtOnce} logins are in progress`);
    underWay++;
    try {
      return await work();
    } catch (cause) {
      throw loginFaultOf(cause);
    } finally {
      underWay--;
    }
  }

  return {
    /** The fault of the last connection attempt, if it failed. */
    trouble: () => failed,
    /** Connects unless connected or just attempted; a failure is logged and stays in `trouble`. */
    look: (): Promise<void> =>
      configured().then(
        () => undefined,
        // `configured` has logged and stored it; an unreadable secret shows at the first login.
        ignoreFault('the login page shows it'),
      ),
    /**
     * @param asksAgain requires a new login even of logged-in users.
     * @returns where to redirect the browser.
     * @throws LoginFault
     */
    begin: (asksAgain: boolean) =>
      limited(async () => {
        const [client, configuration] = [await import('openid-client'), await configured()];
        const pending = {
          state: client.randomState(),
          nonce: client.randomNonce(),
          verifier: client.randomPKCECodeVerifier(),
        };
        const address = client.buildAuthorizationUrl(configuration, {
          redirect_uri: redirectUri,
          scope: config.scopes.join(' '),
          state: pending.state,
          nonce: pending.nonce,
          code_challenge: await client.calculatePKCECodeChallenge(pending.verifier),
          code_challenge_method: 'S256',
          ...(asksAgain && { prompt: 'login' }),
        });
        return { address, pending };
      }),
    /** @param callback address to which the provider redirected the browser. @throws LoginFault */
    finish: (callback: URL, { state, nonce, verifier }: Pending) =>
      limited(async () => {
        const [client, configuration] = [await import('openid-client'), await configured()];
        const tokens = await client.authorizationCodeGrant(configuration, callback, {
          expectedState: state,
          expectedNonce: nonce,
          pkceCodeVerifier: verifier,
          idTokenExpected: true,
        });
        const claims = tokens.claims();
        if (claims === undefined || tokens.id_token === undefined) throw new LoginFault('token-invalid', 'no ID token');
        const isWhole =
          claimAt(claims, config.groupsClaim) !== undefined && claimAt(claims, config.userClaim) !== undefined;
        const asks = !isWhole && configuration.serverMetadata().userinfo_endpoint !== undefined;
        const more = asks ? await client.fetchUserInfo(configuration, tokens.access_token, claims.sub) : {};
        const all = { ...more, ...claims };
        const name = claimAt(all, config.userClaim);
        if (typeof name !== 'string' || name.trim() === '') {
          throw new LoginFault('no-name', `claims: ${Object.keys(all).join(', ')}`);
        }
        const endsMs = endOf(claims, config);
        return {
          name: name.trim(),
          groups: groupsIn(all, config.groupsClaim),
          idToken: tokens.id_token,
          // End of the session, if the provider specifies one.
          ...(endsMs !== undefined && { endsMs }),
        };
      }),
    /** @returns undefined if the provider has no logout endpoint or was not reached yet */
    logoutAddress(idToken: string | undefined, returnTo: string): URL | undefined {
      const metadata = known?.configuration.serverMetadata();
      const endpoint = metadata?.end_session_endpoint;
      if (endpoint === undefined || !isSafeUrl(endpoint)) return undefined;
      const address = new URL(endpoint);
      address.searchParams.set('client_id', config.clientId);
      address.searchParams.set('post_logout_redirect_uri', returnTo);
      if (idToken !== undefined) address.searchParams.set('id_token_hint', idToken);
      return address;
    },
  };
}

/** @throws LoginFault secret-unreadable */
function revealed({ clientSecret }: Oidc): string {
  try {
    return clientSecret.reveal();
  } catch (cause) {
    if (!(cause instanceof AppError)) throw cause;
    throw new LoginFault('secret-unreadable', cause.message, { cause });
  }
}

/** @param path name of a claim, which may contain dots, or a path into objects such as realm_access.roles */
function claimAt(claims: object, path: string): unknown {
  if (Object.hasOwn(claims, path)) return (claims as Record<string, unknown>)[path];
  let at: unknown = claims;
  for (const name of path.split('.')) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return undefined;
    at = (at as Record<string, unknown>)[name];
  }
  return at;
}

/** @returns none if the claim is absent, which is common for users without groups. @throws LoginFault too-many-groups */
export function groupsIn(claims: object, claim: string): string[] {
  const value = claimAt(claims, claim);
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.filter((each) => typeof each === 'string');
  // Entra ID omits groups above about 200 and refers to another source instead.
  const elsewhere = claimAt(claims, '_claim_names');
  if (typeof elsewhere === 'object' && elsewhere !== null && Object.hasOwn(elsewhere, claim)) {
    throw new LoginFault('too-many-groups', `the claim ${claim} was left out`);
  }
  return [];
}

/**
 * Returns the end of the session: `session_expiry` is from OpenID Connect Enterprise Extensions; `exp` is the end of
 * the token, and ends the session only if so configured.
 *
 * @returns milliseconds since the epoch
 */
export function endOf(
  claims: { exp: number; session_expiry?: unknown },
  { sessionEndsWithIdToken }: Pick<Oidc, 'sessionEndsWithIdToken'>,
): number | undefined {
  const ends = [
    ...(typeof claims.session_expiry === 'number' ? [claims.session_expiry] : []),
    ...(sessionEndsWithIdToken ? [claims.exp] : []),
  ];
  return ends.length === 0 ? undefined : Math.min(...ends) * 1000;
}
