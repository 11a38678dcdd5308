// Answers requests for a page that does not exist.

import type { Response } from 'express';
import { renderNotFound, sendHtml } from '../../dashboards/web/site.ts';
import type { View } from '../../dashboards/web/view.ts';

export function sendMissing(response: Response, view: View): void {
  sendHtml(response, 404, renderNotFound(view));
}
