// Texts for a failed login with an identity provider: cause and action.

import type { Language } from './view.ts';

export interface LoginFaultText {
  what: string;
  next: string;
}

const again = { en: 'Log in again.', zh: '请重新登录。' };

const en = {
  unreachable: {
    what: 'The identity provider did not answer.',
    next: 'Try again in a minute. If it fails again, ask your Plimsoll administrator to check the address `service.oidc.issuer` and the network and certificates on the way there. A private certificate authority needs `NODE_EXTRA_CA_CERTS` in the environment of the service.',
  },
  'bad-answer': {
    what: 'The answer of the identity provider could not be used.',
    next: 'Ask your Plimsoll administrator to open `/.well-known/openid-configuration` below `service.oidc.issuer`: the issuer in it must be exactly the configured one.',
  },
  busy: { what: 'Too many logins are under way.', next: 'Try again in a few seconds.' },
  'secret-unreadable': {
    what: 'The client secret of this service could not be read.',
    next: 'Ask your Plimsoll administrator to check the file or variable that `service.oidc.clientSecret` names.',
  },
  'client-refused': {
    what: 'The identity provider refused this service: client id or client secret is wrong.',
    next: 'Ask your Plimsoll administrator to compare `service.oidc.clientId`, `clientSecret` and `clientAuthentication` with the client at the provider. A secret may have expired.',
  },
  denied: {
    what: 'The identity provider did not log you in.',
    next: 'Log in again. If it fails again, ask the administrator of the provider whether you may use this application.',
  },
  'code-refused': {
    what: 'The identity provider did not accept the login code: it was used already, or is too old.',
    next: again.en,
  },
  'state-missing': {
    what: 'This login was started in another browser, or its cookie is missing.',
    next: 'Log in again from this page, and allow cookies of this site. Open Plimsoll at the address in `service.publicUrl`.',
  },
  'state-expired': { what: 'The login took longer than 10 minutes.', next: again.en },
  'state-used': { what: 'This login was finished already.', next: 'Open the start page, or log in again.' },
  'token-nonce': { what: 'The ID token belongs to another login (wrong nonce).', next: again.en },
  'token-audience': {
    what: 'The ID token is for another application (wrong audience).',
    next: 'Ask your Plimsoll administrator to compare `service.oidc.clientId` with the client at the provider.',
  },
  'token-issuer': {
    what: 'The ID token is from another issuer.',
    next: 'Ask your Plimsoll administrator to set `service.oidc.issuer` to the issuer that the provider reports.',
  },
  'token-expired': {
    what: 'The ID token has expired.',
    next: 'Log in again. If it fails again, the clock of the provider or of this service is wrong: check NTP on both.',
  },
  clock: {
    what: 'The ID token is from the future: the clocks of the provider and of this service differ.',
    next: 'Ask your Plimsoll administrator to check NTP on both machines. `service.oidc.clockTolerance` permits small differences.',
  },
  'token-signature': {
    what: 'The signature of the ID token is not from the identity provider.',
    next: 'Log in again. If it fails again, ask your Plimsoll administrator whether something between this service and the provider changes answers.',
  },
  'token-invalid': {
    what: 'The ID token is incomplete or malformed.',
    next: 'Ask your Plimsoll administrator to check the client at the provider.',
  },
  'no-name': {
    what: 'The identity provider sent no name for you.',
    next: 'Ask your Plimsoll administrator to set `service.oidc.userClaim` to a claim that is listed below, or to add a scope.',
  },
  'too-many-groups': {
    what: 'You are in more groups than the identity provider sends or a cookie holds.',
    next: 'Ask the administrator of the provider to send only groups that are assigned to this application.',
  },
  'no-role': {
    what: 'You are logged in, but have no role in Plimsoll.',
    next: 'Ask your Plimsoll administrator to give a role to one of your groups in `service.roles`, or ask for membership of a group that has one. Then log in again.',
  },
} satisfies Record<string, LoginFaultText>;

const zh: Record<keyof typeof en, LoginFaultText> = {
  unreachable: {
    what: '身份认证系统没有响应。',
    next: '请一分钟后重试。如仍失败，请联系 Plimsoll 管理员检查 `service.oidc.issuer` 地址，以及到该地址的网络和证书。使用私有 CA 时，需在服务的环境变量中设置 `NODE_EXTRA_CA_CERTS`。',
  },
  'bad-answer': {
    what: '身份认证系统的返回内容无法使用。',
    next: '请联系 Plimsoll 管理员打开 `service.oidc.issuer` 下的 `/.well-known/openid-configuration`，其中的 issuer 必须与配置完全一致。',
  },
  busy: { what: '正在进行的登录过多。', next: '请几秒后重试。' },
  'secret-unreadable': {
    what: '无法读取本服务的客户端密钥。',
    next: '请联系 Plimsoll 管理员检查 `service.oidc.clientSecret` 指向的文件或环境变量。',
  },
  'client-refused': {
    what: '身份认证系统拒绝了本服务：客户端 ID 或密钥错误。',
    next: '请联系 Plimsoll 管理员核对 `service.oidc.clientId`、`clientSecret` 和 `clientAuthentication` 与身份认证系统中的客户端是否一致；密钥可能已过期。',
  },
  denied: {
    what: '身份认证系统未允许您登录。',
    next: '请重新登录。如仍失败，请联系身份认证系统管理员确认您是否有权使用本应用。',
  },
  'code-refused': { what: '身份认证系统不接受该授权码：已使用过或已过期。', next: again.zh },
  'state-missing': {
    what: '该登录不是在此浏览器中发起的，或缺少对应的 Cookie。',
    next: '请从本页重新登录，并允许本站使用 Cookie。请使用 `service.publicUrl` 中的地址访问 Plimsoll。',
  },
  'state-expired': { what: '登录过程超过了 10 分钟。', next: again.zh },
  'state-used': { what: '该登录已经完成。', next: '请打开首页，或重新登录。' },
  'token-nonce': { what: 'ID Token 属于另一次登录（nonce 不匹配）。', next: again.zh },
  'token-audience': {
    what: 'ID Token 是签发给其他应用的（audience 不匹配）。',
    next: '请联系 Plimsoll 管理员核对 `service.oidc.clientId` 与身份认证系统中的客户端是否一致。',
  },
  'token-issuer': {
    what: 'ID Token 来自其他签发者（issuer 不匹配）。',
    next: '请联系 Plimsoll 管理员将 `service.oidc.issuer` 改为身份认证系统返回的 issuer。',
  },
  'token-expired': {
    what: 'ID Token 已过期。',
    next: '请重新登录。如仍失败，说明身份认证系统或本服务所在机器的时钟不准，请检查两边的 NTP。',
  },
  clock: {
    what: 'ID Token 的时间在未来：身份认证系统与本服务的时钟不一致。',
    next: '请联系 Plimsoll 管理员检查两边的 NTP。`service.oidc.clockTolerance` 可容忍小的偏差。',
  },
  'token-signature': {
    what: 'ID Token 的签名不是身份认证系统的。',
    next: '请重新登录。如仍失败，请联系 Plimsoll 管理员确认本服务与身份认证系统之间是否有设备改写了返回内容。',
  },
  'token-invalid': {
    what: 'ID Token 不完整或格式错误。',
    next: '请联系 Plimsoll 管理员检查身份认证系统中的客户端配置。',
  },
  'no-name': {
    what: '身份认证系统没有返回您的用户名。',
    next: '请联系 Plimsoll 管理员将 `service.oidc.userClaim` 设为下面列出的某个 claim，或增加 scope。',
  },
  'too-many-groups': {
    what: '您所属的用户组过多，超出身份认证系统返回的上限或 Cookie 的容量。',
    next: '请联系身份认证系统管理员，只返回分配给本应用的用户组。',
  },
  'no-role': {
    what: '您已登录，但在 Plimsoll 中没有任何角色。',
    next: '请联系 Plimsoll 管理员在 `service.roles` 中为您的某个用户组分配角色，或申请加入已有角色的用户组，然后重新登录。',
  },
};

export type ShownLoginFault = keyof typeof en;

export const loginFaultTexts: Record<Language, Record<ShownLoginFault, LoginFaultText>> = { en, zh };
