// Texts of the page of people, in English and Chinese.

import type { LoginWay } from '../../core/documents/access-review.ts';
import type { Language } from './strings.ts';

const en = {
  title: 'Access review',
  explained: 'Who logged in during the last 400 days, with the roles that they have now on each cluster.',
  /** For admins of some clusters. */
  limited: 'You see the clusters that you are admin of, and the people with a role on them.',
  none: 'No logins yet. A person is listed after the first login.',
  people: 'People',
  name: 'Person',
  way: 'Login method',
  ways: {
    'identity-provider': 'identity provider',
    'operator-token': 'operator token',
    password: 'password',
    certificate: 'client certificate',
    proxy: 'reverse proxy',
  } satisfies Record<LoginWay, string>,
  groups: 'Groups with a role',
  lastLogin: 'Last login',
  openSessions: 'Sessions valid until',
  roles: 'Roles',
  noRole: 'no role any more',
  allClusters: 'all clusters',
  endSessions: 'End sessions',
  endTitle: 'Ending access',
  endExplained: [
    'End sessions logs a person out in every browser. It does not prevent a new login: first remove the person or the group at the identity provider.',
    'After a leak of the operator token, delete the file `operator-token` in the state folder and restart the service.',
    'Passwords, client certificates and reverse proxies log a person in with every request, so there are no sessions to end here. Remove the user from the web config file, revoke the certificate, or end the session at the proxy.',
  ],
  elsewhere: 'at its source',
  unused: 'Roles without a recorded login',
  unusedExplained:
    'Entries of `service.roles` and `service.users` that no listed person uses. Remove those that are not needed.',
  users: 'Users',
  role: 'Role',
  clusters: 'Clusters and domains',
  everybody: 'everybody',
};

type PeopleTexts = typeof en;

const zh: PeopleTexts = {
  title: '访问权限审查',
  explained: '最近 400 天登录过的人员，以及他们目前在各集群上的角色。',
  limited: '这里只显示您担任管理员的集群，以及在这些集群上有角色的人员。',
  none: '尚无登录记录。首次登录后会显示在这里。',
  people: '人员',
  name: '姓名',
  way: '登录方式',
  ways: {
    'identity-provider': '身份认证系统',
    'operator-token': '操作员令牌',
    password: '密码',
    certificate: '客户端证书',
    proxy: '反向代理',
  },
  groups: '有角色的用户组',
  lastLogin: '最近登录',
  openSessions: '会话到期时间',
  roles: '角色',
  noRole: '已无角色',
  allClusters: '所有集群',
  endSessions: '强制下线',
  endTitle: '收回访问权限',
  endExplained: [
    '强制下线会让此人在所有浏览器中退出登录，但不会阻止再次登录：请先在身份认证系统中移除此人或其用户组。',
    '操作员令牌泄露后，请删除状态目录中的 `operator-token` 文件并重启服务。',
    '密码、客户端证书和反向代理在每次请求时都会验证身份，本服务中没有可结束的会话。请在 web 配置文件中删除该用户、吊销证书，或在代理处结束会话。',
  ],
  elsewhere: '在来源处收回',
  unused: '没有登录记录的角色配置',
  unusedExplained: '`service.roles` 和 `service.users` 中没有人使用过的条目。不需要的请删除。',
  users: '用户',
  role: '角色',
  clusters: '集群与业务域',
  everybody: '所有人',
};

export const peopleLanguages = { en, zh } as const satisfies Readonly<Record<Language, PeopleTexts>>;
