// The frames of src/chat/protocol.rs as types. No code: only `tsc` reads this file.

/** @typedef {'customer' | 'staff' | 'system'} Party */
/** @typedef {'asking' | 'queued' | 'active' | 'ended'} ChatState */
/** @typedef {'online' | 'transfers_only' | 'away' | 'offline'} Presence */
/** @typedef {'by_specialist' | 'unsolved' | 'abandoned' | 'window_closed'} CaseWhy */
/** @typedef {'self_service' | 'customer' | 'specialist' | 'abandoned' | 'window_closed' | 'merged' | 'out_of_scope'} EndWhy */

/**
 * What happened in a chat.
 * @typedef {{kind: 'verified', account: string}
 *   | {kind: 'solution_opened', solution: string, title: string}
 *   | {kind: 'solution_rated', solution: string, title: string, solved: boolean}
 *   | {kind: 'message', text: string}
 *   | {kind: 'file', file: FileView}
 *   | {kind: 'queued', category: string, team: string, tier: number, severity: number}
 *   | {kind: 'joined'}
 *   | {kind: 'joined_beside'}
 *   | {kind: 'left'}
 *   | {kind: 'requeued', why: 'lost' | 'by_supervisor'}
 *   | {kind: 'transferring', to: string}
 *   | {kind: 'transfer_ended', why: string}
 *   | {kind: 'rerouted', team: string, tier: number, severity: number}
 *   | {kind: 'note', text: string, mentions: string[]}
 *   | {kind: 'whisper', text: string}
 *   | {kind: 'flagged', reason: string}
 *   | {kind: 'unflagged'}
 *   | {kind: 'tagged', added: string[], removed: string[]}
 *   | {kind: 'merged', chat: string, question: string, text: string}
 *   | {kind: 'case_made', number: number, why: CaseWhy}
 *   | {kind: 'ended', why: EndWhy, words?: string}} EventBody
 */

/**
 * @typedef {object} EventView
 * @property {string} chat
 * @property {number} seq 1, 2, 3 … without a gap in the chat's log
 * @property {number} prev the number before it that everyone may read
 * @property {string} id the client's id of a message, otherwise the server's
 * @property {string} at RFC 3339
 * @property {Party} party
 * @property {string} name empty for the server
 * @property {'everyone' | 'staff'} visibility
 * @property {EventBody} body
 */

/** @typedef {{id: string, name: string, kind: string, size: number, width?: number, height?: number}} FileView `width` and `height`: of a picture that can be shown */
/** @typedef {{party: Party, delivered: number, read: number}} MarkView */
/** @typedef {{id: string, title: string, snippet: string}} SuggestionView */
/** @typedef {string | {tag: string, href?: string, src?: string, alt?: string, start?: number, children?: ProseNode[]}} ProseNode */
/** @typedef {{text: string, mark: boolean}} Piece */
/** @typedef {{id: string, title: Piece[], passage: Piece[], category: string, audience: 'everyone' | 'customers' | 'staff'}} FoundSolution */

/**
 * @typedef {object} HoursView
 * @property {boolean} open
 * @property {string} [closes_at]
 * @property {string} [opens_at]
 * @property {string} zone IANA name
 * @property {boolean} closing_soon
 * @property {string} [by_hand]
 * @property {string} [holiday]
 */

/**
 * @typedef {{kind: 'customer', name: string, account: string, chat: string}
 *   | {kind: 'staff', id: string, name: string, role: string, tier: number, presence: Presence}} You
 */

/**
 * @typedef {object} ChatView
 * @property {string} id
 * @property {string} customer
 * @property {string} account
 * @property {string} category
 * @property {string} team
 * @property {number} tier
 * @property {number} severity
 * @property {string} question
 * @property {string} since
 * @property {string} [agent]
 * @property {boolean} customer_here
 * @property {string} [due_at]
 * @property {string} [language] ISO 639-1
 * @property {{url: string, title: string}} [page] on which the customer is
 * @property {{reason: string, at: string}} [flag] the specialist asks for a supervisor
 * @property {string} [handed_to] a name, or a team and tier
 * @property {string} [beside] the supervisor who joined
 * @property {string[]} [tags]
 * @property {number} [case]
 */

/** @typedef {{id: string, expires_at: string, chat: ChatView}} OfferView */
/** @typedef {{id: string, expires_at: string, number: number, subject: string, customer: string, account: string, category: string, severity: number, tier: number, due_at?: string}} CaseOfferView */
/** @typedef {{id: string, name: string, tier: number, presence: Presence, chats: number, capacity: number, since: string}} PersonView */
/** @typedef {{id: string, at: string, text: string, case_number: number | null, chat_id: string | null}} NoticeView */
/** @typedef {{at: string, text: string}} PinAlertView */

/**
 * @typedef {object} DeskView
 * @property {Presence} presence
 * @property {OfferView[]} offers
 * @property {CaseOfferView[]} case_offers
 * @property {ChatView[]} mine
 * @property {{chat: string, customer: string, until: string}[]} wrapping
 * @property {ChatView[]} line
 * @property {ChatView[]} served
 * @property {PersonView[]} people
 * @property {NoticeView[]} notices
 * @property {PinAlertView[]} pin_alerts
 * @property {number} cases_changed
 */

/** @typedef {{warn?: number, bad?: number, low_is_bad: boolean}} Threshold */
/**
 * @typedef {{arrived: number, answered: number, answered_in_time: number, abandoned: number, left_at_once: number, cases: number,
 *   handled: number, self_service: number, service_level?: number, abandoned_share?: number, answer_seconds?: number,
 *   longest_answer_seconds?: number, handle_seconds?: number}} RangeFigures
 */
/** @typedef {RangeFigures & {from: string}} ChartPart */
/**
 * @typedef {{id: string, name: string, role: string, tier: number, state: Presence, since: string, chats: number, capacity: number,
 *   answered: number, handle_seconds?: number, occupancy?: number, online_seconds: number}} AgentFigures
 */
/** @typedef {{chat: string, customer: string, account: string, agent: string, reason: string, since: string}} FlagView */
/** @typedef {{number: number, subject: string, tier: number, severity: number, since: string, owner?: string, worker?: string}} EscalationView */
/** @typedef {{number: number, subject: string, severity: number, soon_at: string, due_at: string, breach_at: string}} AcknowledgementView */

/**
 * @typedef {object} FiguresView
 * @property {string} as_of
 * @property {string} day_from
 * @property {string} zone
 * @property {{service_level_seconds: number, short_abandon_seconds: number}} targets
 * @property {Record<'waiting_now' | 'longest_wait' | 'abandoned_percent' | 'service_level' | 'average_speed_of_answer' | 'handle_time' | 'at_risk' | 'escalation_age' | 'acknowledgements_late', Threshold>} thresholds
 * @property {{waiting: number, longest_since?: string, waiting_again: number, at_risk: number, served: number}} now
 * @property {RangeFigures} today
 * @property {ChartPart[]} chart quarters of an hour
 * @property {AgentFigures[]} agents
 * @property {FlagView[]} flags
 * @property {EscalationView[]} escalations
 * @property {{asked: number, answers: number, mean?: number, low: number}} satisfaction
 * @property {number} escalated
 * @property {{tier: number, open: number, unclaimed: number, ages: [number, number, number, number], oldest?: string}[]} cases
 * @property {{due: number, soon: number, late: number, broken: number, cases: AcknowledgementView[]}} acknowledgements
 */

/** @typedef {{type: 'welcome', v: number, epoch: string, you: You, now: string, clock_is_set: boolean, hours: HoursView}} WelcomeFrame */
/** @typedef {{type: 'event'} & EventView} EventFrame */
/** @typedef {{type: 'caught_up', chat: string, seq: number, state: ChatState, marks: MarkView[], agent?: string, case?: number}} CaughtUpFrame */
/** @typedef {{type: 'ack', chat: string, id: string, seq: number, at: string}} AckFrame */
/** @typedef {{type: 'ok', req?: number}} OkFrame */
/** @typedef {{type: 'error', req?: number, id?: string, code: string, message: string, retry: boolean}} ErrorFrame */
/** @typedef {{type: 'typing', chat: string, party: Party, name: string, on: boolean, text?: string}} TypingFrame */
/** @typedef {{type: 'looking', chat: string, name: string, on: boolean}} LookingFrame */
/** @typedef {{type: 'mark', chat: string} & MarkView} MarkFrame */
/** @typedef {{type: 'place', chat: string, place: number, wait_seconds?: number}} PlaceFrame */
/** @typedef {{type: 'suggestions', req?: number, items: SuggestionView[]}} SuggestionsFrame */
/** @typedef {{type: 'solution', req?: number, id: string, title: string, text: ProseNode[]}} SolutionFrame */
/** @typedef {{type: 'hours'} & HoursView} HoursFrame */
/** @typedef {{type: 'desk'} & DeskView} DeskFrame */
/** @typedef {{type: 'figures'} & FiguresView} FiguresFrame */

/**
 * @typedef {WelcomeFrame | EventFrame | CaughtUpFrame | AckFrame | OkFrame | ErrorFrame | TypingFrame | LookingFrame | MarkFrame
 *   | PlaceFrame | SuggestionsFrame | SolutionFrame | HoursFrame | DeskFrame | FiguresFrame} ServerFrame
 */

/**
 * A message on its way in; `category` and `language` only with `ask`.
 * @typedef {{type: 'send' | 'ask', chat: string, id: string, client: string, n: number, text: string, category?: string, language?: string}} OutgoingFrame
 */

/**
 * The verbs that `Live#request` takes: everything that is answered by `req`.
 * @typedef {{type: 'suggest', text: string}
 *   | {type: 'open_solution', solution: string}
 *   | {type: 'rate_solution', solution: string, solved: boolean}
 *   | {type: 'end', chat: string, solved: boolean}
 *   | {type: 'presence', state: Presence}
 *   | {type: 'accept', offer: string}
 *   | {type: 'decline', offer: string}
 *   | {type: 'pick', chat: string}
 *   | {type: 'page', url: string, title: string}
 *   | {type: 'follow_figures', on: boolean}
 *   | {type: 'ping'}} RequestFrame
 */

export {};
