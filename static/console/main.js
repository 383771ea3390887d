// The agent's console: the parts and the wires between them.
import { Live } from '../js/live.js';
import { clock } from '../js/time.js';
import { signIn } from './api.js';
import { App } from './app.js';
import { bellFor } from './bell.js';
import { caseDialog } from './case_dialog.js';
import { caseView } from './case_view.js';
import { caseLists } from './case_lists.js';
import { caseOffers } from './case_offers.js';
import { Chats } from './chats.js';
import { chooser } from './chooser.js';
import { composer } from './composer.js';
import { askDialog, closers, endDialog } from './dialogs.js';
import { chatFacts } from './facts.js';
import { files } from './files.js';
import { handOn } from './hand_on.js';
import { keyboard } from './keyboard.js';
import { list } from './list.js';
import { offers } from './offers.js';
import { palette } from './palette.js';
import { panes } from './panes.js';
import { presence } from './presence.js';
import { resolveDialog } from './resolve_dialog.js';
import { parse } from './route.js';
import { side } from './side.js';
import { solutionDialog } from './solution_dialog.js';
import { solutions } from './solutions.js';
import { strips } from './strips.js';
import { taking } from './take.js';
import { thread } from './thread.js';
import { wrapUps } from './wrap_up.js';

const live = new Live({ me: 'staff' });
const app = new App(live);
const bell = bellFor(app);
const chats = new Chats(app, bell);
const ask = askDialog();
const choose = chooser();

live.on('welcome', ({ you }) => {
  if (you.kind === 'staff') app.change({ me: you.name, role: you.role, presence: you.presence });
});
live.on('hours', (hours) => app.change({ hours }));
live.on('desk', (desk) => {
  // Offline is what others see while the lease lapses; nobody chooses it.
  app.change({ desk, presence: desk.presence === 'offline' ? app.state.presence : desk.presence });
  chats.desk(desk);
});
live.on('status', (status, closeCode) => {
  if (status === 'unauthorized') return signIn();
  const lost = app.state.status === 'offline' || app.state.back === 'catching-up';
  app.change({ status, closeCode, back: status === 'online' && lost ? 'catching-up' : 'no' });
});
live.on('chat', () => app.draw());
live.on('error', ({ message }) => app.toast(message));
window.addEventListener('popstate', () => app.change({ route: parse(location.hash) }));
window.addEventListener('hashchange', () => app.change({ route: parse(location.hash) }));

closers();
panes(app, chats);
presence(app);
strips(app);
offers(app, bell);
caseOffers(app);
taking(app);
list(app, chats);
const reader = thread(app);
const writer = composer(app);
files(app, writer);
side(app);
chatFacts(app);
const wrapUp = wrapUps(app);
const hand = handOn(app, choose, ask, writer);
const solution = solutionDialog(app, writer);
const findSolution = solutions(app, writer, solution);
caseLists(app);
const cases = caseView(app, ask, choose, resolveDialog(solution));
const makeCase = caseDialog(app);
const end = endDialog(app);
const commands = keyboard(app, bell, {
  makeCase,
  end,
  reply: writer.focus,
  note: writer.note,
  handOn: () => void hand.open(),
  tags: () => void hand.tags(),
  merge: hand.merge,
  flag: hand.flag,
  cases,
  wrapUp: () => void wrapUp.done(),
  solutions: findSolution,
  scrollToEnd: reader.toEnd,
});
palette(app, choose, writer, commands);

// What ages on the screen: once a second.
setInterval(() => {
  if (document.visibilityState === 'visible') app.draw();
  const shown = document.getElementById('clock');
  if (shown && live.clockIsSet) shown.textContent = `${new Date(live.now()).toDateString()}, ${clock(live.now())}`;
}, 1000);

live.connect();
