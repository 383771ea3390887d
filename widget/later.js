// What only somebody who goes on needs: fetched then, all at once, and not when the widget opens.
import '../static/js/chatlog.js';
import '../static/js/linkify.js';
import '../static/js/live.js';
import '../static/js/outbox.js';
import './words.js';
import './views/composer.js';
import './views/forms.js';
import './views/thread.js';
import { askView } from './views/ask.js';
import { accountsView, identifyView } from './views/identify.js';
import { leaveView, leftView } from './views/leave.js';
import { talkView } from './views/talk.js';

export { Chat } from './chat.js';

/** @type {Record<string, (app: import('./app.js').App, params: any) => import('./app.js').View>} */
export const views = { identify: identifyView, accounts: accountsView, leave: leaveView, left: leftView, ask: askView, talk: talkView };
