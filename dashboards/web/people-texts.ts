// Texts of the people page, in English and Chinese.

import type { LoginWay } from '../../core/documents/access-review.ts';
import { bilingual, type Pair } from '../../core/text/bilingual.ts';

export const peopleLanguages = bilingual({
  explained: [
    'Who logged in during the last 400 days, with the roles that they have now on each cluster.',
    '最近 400 天登录过的人员，以及他们目前在各集群上的角色。',
  ],
  /** For admins of some clusters only. */
  limited: [
    'You see only the clusters on which you are an admin, and the people with a role on them.',
    '这里只显示您担任管理员的集群，以及在这些集群上有角色的人员。',
  ],
  none: ['No logins yet. A person is listed after the first login.', '尚无登录记录。首次登录后会显示在这里。'],
  people: ['People', '人员'],
  name: ['Person', '姓名'],
  way: ['Login method', '登录方式'],
  ways: {
    'identity-provider': ['identity provider', '身份认证系统'],
    'operator-token': ['operator token', '操作员令牌'],
    password: ['password', '密码'],
    certificate: ['client certificate', '客户端证书'],
    proxy: ['reverse proxy', '反向代理'],
  } satisfies Record<LoginWay, Pair>,
  groups: ['Groups with a role', '有角色的用户组'],
  lastLogin: ['Last login', '最近登录'],
  openSessions: ['Sessions valid until', '会话到期时间'],
  roles: ['Roles', '角色'],
  noRole: ['no role any more', '已无角色'],
  allClusters: ['all clusters', '所有集群'],
  endSessions: ['End sessions', '强制下线'],
  endTitle: ['Ending access', '收回访问权限'],
  endExplained: [
    [
      'End sessions logs a person out in every browser. It does not prevent a new login: first remove the person or the group at the identity provider.',
      'After a leak of the operator token, delete the file `operator-token` in the state folder and restart the service.',
      'Passwords, client certificates and reverse proxies log a person in with every request, so there are no sessions to end here. Remove the user from the web config file, revoke the certificate, or end the session at the proxy.',
    ],
    [
      '强制下线会让此人在所有浏览器中退出登录，但不会阻止再次登录：请先在身份认证系统中移除此人或其用户组。',
      '操作员令牌泄露后，请删除状态目录中的 `operator-token` 文件并重启服务。',
      '密码、客户端证书和反向代理在每次请求时都会验证身份，本服务中没有可结束的会话。请在 web 配置文件中删除该用户、吊销证书，或在代理处结束会话。',
    ],
  ],
  elsewhere: ['see “Ending access”', '见“收回访问权限”'],
  unused: ['Roles without a recorded login', '没有登录记录的角色配置'],
  unusedExplained: [
    'Entries of `service.roles` and `service.users` that no listed person uses. Remove those that are not needed.',
    '`service.roles` 和 `service.users` 中没有人使用过的条目。不需要的请删除。',
  ],
  users: ['Users', '用户'],
  role: ['Role', '角色'],
  clusters: ['Clusters and domains', '集群与业务域'],
  everybody: ['everybody', '所有人'],
});
