-- name: queue_job
-- Put a job into the queue; a rollback removes it again.
-- in:  :queue, :task the names the worker listens to; :job
-- out: id of the queue's own entry (1 row).
SELECT unnest(procrastinate_defer_jobs_v1(ARRAY[
  CAST(
    ROW(:queue, :task, 0, NULL, NULL, jsonb_build_object('job', CAST(:job AS integer)), NULL)
    AS procrastinate_job_to_defer_v1
  )
])) AS id;

-- name: lost_jobs
-- Unfinished jobs that no worker has or will get: running, but the session with the job's lock is
-- gone; or queued, but without a waiting entry and without a living worker that fetched one.
-- in:  :task; :lock_class of the advisory locks; :silent_s seconds after which a worker counts
--      as dead
-- out: id, attempts, oldest first.  Uses ix__jobs__unfinished.
SELECT jobs.id, jobs.attempts
FROM jobs
WHERE jobs.status IN ('queued', 'running')
  AND CASE jobs.status
    WHEN 'running' THEN NOT EXISTS (
      SELECT FROM pg_locks
      WHERE locktype = 'advisory'
        AND objsubid = 2
        AND classid = CAST(CAST(:lock_class AS integer) AS oid)
        AND objid = CAST(jobs.id AS oid)
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    )
    ELSE NOT EXISTS (
      SELECT FROM procrastinate_jobs AS entry
      LEFT JOIN procrastinate_workers AS worker ON worker.id = entry.worker_id
      WHERE entry.task_name = :task
        AND entry.args ->> 'job' = CAST(jobs.id AS text)
        AND (
          entry.status = 'todo'
          OR worker.last_heartbeat > now() - make_interval(secs => :silent_s)
        )
    )
  END
ORDER BY jobs.id;

-- name: forget_fetched
-- Delete entries of the queue that a worker fetched and did not finish because it died.
-- in:  :task; :silent_s seconds after which a worker counts as dead
-- out: nothing.
DELETE FROM procrastinate_jobs AS entry
WHERE entry.task_name = :task
  AND entry.status = 'doing'
  AND NOT EXISTS (
    SELECT FROM procrastinate_workers AS worker
    WHERE worker.id = entry.worker_id
      AND worker.last_heartbeat > now() - make_interval(secs => :silent_s)
  );
