// Defines who reads a page, and where to log in and out.

export interface Visitor {
  name: string;
  role: 'viewer' | 'operator' | 'notifier';
  /** `nothing`: anonymous; `session`: a browser that logged in on the login page. */
  via: 'nothing' | 'session' | 'token' | 'login';
}

export const loginPath = '/login';
export const logoutPath = '/logout';
