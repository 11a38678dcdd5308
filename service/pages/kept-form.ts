// Keeps the input of a form whose sender is no longer an operator.

import type { Request, RequestHandler } from 'express';
import { z } from 'zod';
import { renderKeptForm, type KeptForm } from '../../dashboards/web/kept-form-page.ts';
import { sendHtml, viewOf, type Site } from '../../dashboards/web/site.ts';
import { isAtLeast } from '../../core/roles.ts';
import { parseJson } from '../../core/text/parse-json.ts';
import type { Access } from '../access/access.ts';

/** Only a path of this site, since `//host` and `/\host` lead to other sites. */
const Kept = z.strictObject({
  action: z.string().regex(/^\/(?![/\\])/),
  fields: z.array(z.tuple([z.string(), z.string()])).max(50),
});

/** @returns undefined for a login without a kept form */
export function keptFormIn(text: unknown): KeptForm | undefined {
  return typeof text === 'string' ? Kept.safeParse(parseJson(text)).data : undefined;
}

function sentForm(request: Request, action: string): KeptForm {
  const body = Object.entries((request.body ?? {}) as Record<string, unknown>);
  // A repeated field is a list.
  const fields = body.flatMap(([name, value]) => [value].flat().map((each) => [name, String(each)] as const));
  return { action, fields };
}

/** Passes operators only, like access.operatorsOnly; other users get their input back. */
export function operatorsOrKept(access: Pick<Access, 'userOf' | 'tokenLogsIn' | 'oidc'>, site: Site): RequestHandler {
  return (request, response, next) => {
    if (isAtLeast(access.userOf(request).role, 'operator')) return next();
    const view = viewOf(request, site);
    const form = sentForm(request, view.link(request.path));
    const hasProvider = access.oidc !== undefined;
    const hasLogin = access.tokenLogsIn() && !hasProvider;
    sendHtml(response, 403, renderKeptForm(view, form, { hasLogin, hasProvider }), 'no-store');
  };
}
