// Renders why a broker, its host or a source could not be read: on Chinese pages the known causes in Chinese, before the original text.

import { html, type Content } from '../../core/text/html.ts';
import { punctuation } from '../../core/text/punctuation.ts';
import type { View } from './view.ts';

/** Causes that Plimsoll states itself; names, addresses and texts of brokers stay in the original. */
const causes: readonly (readonly [pattern: RegExp, chinese: string])[] = [
  [/no broker answered|cannot reach any broker/, '没有 Broker 响应'],
  [/cannot reach any name server/, '没有 NameServer 响应'],
  [/connection refused|refused the connection/, '连接被拒绝'],
  [/the connection was reset/, '连接被重置'],
  [/the connection (was )?closed/, '连接已断开'],
  [/the host name is unknown/, '主机名不存在'],
  [/the host name cannot be resolved/, '主机名暂时无法解析'],
  [/no route to the (host|network)/, '网络不可达'],
  [/no answer (in time|within|before)/, '响应超时'],
  [/did not answer an earlier request|hung less than a minute ago/, '此前请求无响应，已跳过'],
  [/the listener does not speak TLS/, '监听端口未启用 TLS'],
  [/the listener speaks TLS/, '监听端口要求 TLS'],
  [/the certificate is for another host name/, '证书与主机名不符'],
  [/the certificate is self-signed/, '证书为自签名，请加入 tls.ca'],
  [/the certificate authority is unknown/, '证书颁发机构不受信任，请加入 tls.ca'],
  [/the certificate has expired/, '证书已过期'],
  [/refused the user or the password/, '用户名或密码被拒绝'],
  [/AUTHORIZATION_FAILED/, '权限不足'],
  [/refused to answer/, 'Broker 拒绝了请求'],
  [/lookups at once/, '同时查询过多，请几秒后重试'],
];

export function renderReason(reason: string, { language }: Pick<View, 'language'>): Content {
  const known = language === 'zh' ? causes.filter(([pattern]) => pattern.test(reason)) : [];
  const original = html`<bdi lang="en">${reason}</bdi>`;
  if (known.length === 0) return original;
  const { list, open, close } = punctuation.zh;
  return html`${known.map(([, chinese]) => chinese).join(list)}${open}${original}${close}`;
}
