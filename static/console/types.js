// The JSON of /api as types, and the console's own state. No code: only `tsc` reads this file.

/** @typedef {import('../js/types.js').ChatView} ChatView */
/** @typedef {import('../js/types.js').EventView} EventView */

/** @typedef {'queue' | 'owned' | 'working' | 'unverified'} CaseList */
/** @typedef {'offers' | 'mine' | 'line' | 'notices' | CaseList} View */

/**
 * @typedef {object} CaseRow
 * @property {number} number
 * @property {string} subject
 * @property {string} account
 * @property {string} contact
 * @property {string} category
 * @property {string} team
 * @property {number} tier
 * @property {number} severity
 * @property {string} status
 * @property {string | null} owner
 * @property {string | null} worker
 * @property {boolean} verified
 * @property {string} created_at
 * @property {string} updated_at
 * @property {string | null} due_at what falls due next
 * @property {string | null} closed_at
 * @property {string | null} silent_at until when a given solution waits for the customer's word
 * @property {string} reference what development calls it
 */

/** @typedef {{at: string, by: string, kind: string, text: string, party: import('../js/types.js').Party, visibility: 'everyone' | 'staff', status: string | null}} TimelineRow */
/** @typedef {{kind: string, name: string, since: string, due_at: string | null, breach_at: string | null, met_at: string | null, paused: boolean, level: 'fine' | 'soon' | 'late' | 'broken', why: string[]}} ClockView */

/**
 * @typedef {CaseRow & {description: string, email: string, timeline: TimelineRow[], transcript: EventView[],
 *   solution: LinkedSolution | null, made: LinkedSolution | null,
 *   clocks: ClockView[], silence_days: number,
 *   files: CaseFile[], related: Related[], watchers: {id: string, name: string}[],
 *   can: Record<'claim' | 'assign' | 'release' | 'escalate' | 'to_queue' | 'hand_back' | 'ask_customer' | 'interrupt' | 'resume' | 'answer' | 'provide' |
 *     'confirm' | 'not_solved' | 'resolve' | 'close' | 'reopen' | 'pass_ownership' | 'verify', boolean>}} CaseFull
 */

/** @typedef {{id: string, name: string, kind: string, size: number, by: string, at: string, visibility: 'everyone' | 'staff'}} CaseFile */
/** @typedef {'duplicate_of' | 'has_duplicate' | 'child_of' | 'parent_of' | 'related_to'} Relation */
/** @typedef {{relation: Relation, words: string, number: number, subject: string, status: string}} Related */
/** @typedef {{id: string, title: string}} LinkedSolution the one that solved a case, or that was made from it */
/** @typedef {{id: string, title: string, text: import('../js/types.js').ProseNode[], audience: import('../js/types.js').FoundSolution['audience']}} SolutionText */

/**
 * @typedef {object} ChatDetail
 * @property {ChatView} chat
 * @property {import('../js/types.js').ChatState} state
 * @property {{id: string, name: string, email: string, role: string}} contact
 * @property {{number: string, name: string, status: string, standing: string}} account
 * @property {boolean} verified
 * @property {{id: string, ended_at: string, category: string, question: string}[]} past_chats
 * @property {{number: number, subject: string, status: string, tier: number}[]} open_cases
 * @property {string[]} rulings what supervisors ruled about the account or the person
 */

/** @typedef {{subject: string, category: string, severity: number, description: string}} Proposal */
/** @typedef {{key: string, name: string, team: string}} Category */
/** @typedef {{level: number, name: string, definition: string}} Severity */

/**
 * Where the person is, as the address says it.
 * @typedef {object} Route
 * @property {View} view
 * @property {string | null} chat
 * @property {number | null} case
 * @property {boolean} side the customer's panel, where there is no room for it beside the rest
 */

/**
 * @typedef {object} State
 * @property {import('../js/live.js').LiveStatus} status
 * @property {number | null} closeCode why the connection ended
 * @property {'no' | 'catching-up' | 'complete'} back after a lost connection
 * @property {import('../js/types.js').DeskView | null} desk
 * @property {import('../js/types.js').HoursView | null} hours
 * @property {string} me the person's name
 * @property {string} presence
 * @property {string} role of whoever is signed in; empty before the welcome
 * @property {Route} route
 * @property {string} filter
 * @property {Record<CaseList, CaseRow[] | null>} lists
 * @property {string} listProblem
 * @property {Record<string, ChatDetail>} details
 * @property {CaseFull | null} case
 * @property {string} caseProblem
 */

export {};
