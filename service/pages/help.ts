// Serves the page of help.

import type { RequestHandler } from 'express';
import { renderHelpPage } from '../../dashboards/web/help/help-page.ts';
import { sendHtml, viewOf, type Site } from '../../dashboards/web/site.ts';

export function createHelpPage(_parts: object, site: Site): RequestHandler {
  return (request, response) => sendHtml(response, 200, renderHelpPage(viewOf(request, site)));
}
