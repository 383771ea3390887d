-- What readers of the help pages did long ago is forgotten: these find it beside what happened in chats, which stays.
CREATE INDEX solution_visits_readings ON solution_visits (opened_at) WHERE chat_id IS NULL;
CREATE INDEX solution_searches_readings ON solution_searches (at) WHERE place = 'help';

-- What an open case means is worked out before it is closed, so that it counts at once when it is.
CREATE INDEX cases_open_unread ON cases (id) WHERE meaning IS NULL AND status <> 'completed';
