//! Why tasks fail, as exceptions.

use super::super::story::Failure;
use super::subtask;

/// How a failure reaches the JobManager.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A task fails: the TaskManager and the JobManager log it, under one execution id.
    Task,
    /// The TaskManager is gone, or never was there: only the JobManager logs it.
    JobManagerOnly,
    /// No task failed, but the job did.
    Global,
}

/// In a loop each third failure is one that follows from the restarts themselves.
pub fn of_restart(failure: Failure, restart: i64) -> (Shape, Failure, bool) {
    let is_echo = failure == Failure::PoisonRecord && restart % 3 == 0;
    let shape = match failure {
        _ if is_echo => Shape::Global,
        Failure::LostShard | Failure::PoisonRecord => Shape::Task,
        Failure::LostTaskManager | Failure::NoSlots => Shape::JobManagerOnly,
    };
    (shape, failure, is_echo)
}

pub const ECHO: &str = "org.apache.flink.util.FlinkException: Global failure triggered by OperatorCoordinator for \
    'Source: page-views'.\n\
    \tat org.apache.flink.runtime.operators.coordination.OperatorCoordinatorHolder$LazyInitializedCoordinatorContext.failJob(OperatorCoordinatorHolder.java:651)\n\
    \tat org.apache.flink.runtime.source.coordinator.SourceCoordinatorContext.failJob(SourceCoordinatorContext.java:450)\n\
    \tat java.base/java.lang.Thread.run(Thread.java:840)\n\
    Caused by: java.lang.UnsupportedOperationException: Partial recovery is not supported\n\
    \tat org.apache.flink.connector.kinesis.source.enumerator.KinesisStreamsSourceEnumerator.addSplitsBack(KinesisStreamsSourceEnumerator.java:171)\n\
    \tat org.apache.flink.runtime.source.coordinator.SourceCoordinator.lambda$subtaskReset$5(SourceCoordinator.java:349)\n\
    \t... 8 more";

/// The stack of a task that processes a record.
const TASK_FRAMES: &str = "\tat org.apache.flink.streaming.api.operators.StreamMap.processElement(StreamMap.java:38)\n\
    \tat org.apache.flink.streaming.runtime.tasks.CopyingChainingOutput.pushToOperator(CopyingChainingOutput.java:75)\n\
    \tat org.apache.flink.streaming.runtime.tasks.CopyingChainingOutput.collect(CopyingChainingOutput.java:50)\n\
    \tat org.apache.flink.streaming.runtime.io.StreamOneInputProcessor.processInput(StreamOneInputProcessor.java:65)\n\
    \tat org.apache.flink.streaming.runtime.tasks.StreamTask.processInput(StreamTask.java:638)\n\
    \tat org.apache.flink.streaming.runtime.tasks.mailbox.MailboxProcessor.runMailboxLoop(MailboxProcessor.java:231)\n\
    \tat org.apache.flink.streaming.runtime.tasks.StreamTask.invoke(StreamTask.java:917)\n\
    \tat org.apache.flink.runtime.taskmanager.Task.runWithSystemExitMonitoring(Task.java:970)\n\
    \tat org.apache.flink.runtime.taskmanager.Task.doRun(Task.java:763)\n\
    \tat org.apache.flink.runtime.taskmanager.Task.run(Task.java:575)\n\
    \tat java.base/java.lang.Thread.run(Thread.java:840)\n";

pub fn throwable(failure: Failure, task_manager: u32) -> String {
    match failure {
        Failure::PoisonRecord => format!(
            "org.apache.flink.streaming.runtime.tasks.ExceptionInChainedOperatorException: Could not forward element to next operator\n\
             {TASK_FRAMES}\
             Caused by: java.lang.RuntimeException: Cannot parse page view at sequence \
             49655115921427312219877541893423182894827398134221914114\n\
             \tat com.shop.clickstream.ParseJson.map(ParseJson.java:41)\n\
             \tat com.shop.clickstream.ParseJson.map(ParseJson.java:17)\n\
             \t... 11 more\n\
             Caused by: com.fasterxml.jackson.core.JsonParseException: Unexpected character ('}}' (code 125)): was expecting \
             double-quote to start field name\n \
             at [Source: (String)\"{{\"session\":\"9f2c41\",\"page\":\"<b>sale</b>\",}}\"; line: 1, column: 45]\n\
             \tat com.fasterxml.jackson.core.JsonParser._constructError(JsonParser.java:2477)\n\
             \tat com.shop.clickstream.ParseJson.map(ParseJson.java:38)\n\
             \t... 13 more"
        ),
        Failure::LostShard => format!(
            "java.lang.RuntimeException: Maximum retries exceeded for SubscribeToShard. Failed 10 times.\n\
             {TASK_FRAMES}\
             Caused by: org.apache.flink.connector.kinesis.source.exception.KinesisStreamsSourceException: Subscription \
             encountered unrecoverable exception.\n\
             \tat org.apache.flink.connector.kinesis.source.reader.fanout.FanOutKinesisShardSubscription.nextEvent(FanOutKinesisShardSubscription.java:201)\n\
             \t... 11 more\n\
             Caused by: io.netty.handler.timeout.ReadTimeoutException\n\
             \t... 14 more"
        ),
        Failure::LostTaskManager => {
            let id = subtask::task_manager_id(task_manager);
            format!(
                "org.apache.flink.runtime.jobmaster.JobMasterException: TaskManager with id {id} is no longer reachable.\n\
                 \tat org.apache.flink.runtime.jobmaster.JobMaster$TaskManagerHeartbeatListener.handleTaskManagerConnectionLoss(JobMaster.java:1550)\n\
                 \tat java.base/java.lang.Thread.run(Thread.java:840)\n\
                 Caused by: java.util.concurrent.TimeoutException: Heartbeat of TaskManager with id {id} timed out.\n\
                 \t... 20 more"
            )
        }
        Failure::NoSlots => "org.apache.flink.runtime.jobmanager.scheduler.NoResourceAvailableException: Could not acquire the \
            minimum required resources.\n\
            \tat org.apache.flink.runtime.jobmaster.slotpool.DeclarativeSlotPoolService.notifyNotEnoughResourcesAvailable(DeclarativeSlotPoolService.java:352)\n\
            \tat java.base/java.lang.Thread.run(Thread.java:840)"
            .to_owned(),
    }
}
