# What the Grafana data source Flinkwatch may read, as one policy on a role.

variable "role_name" {
  description = "The role of the Grafana server or workspace (its name, not its ARN)"
  type        = string
}

variable "applications" {
  description = "Status, versions, parallelism, stopped applications and checkpoint settings"
  type        = bool
  default     = true
}

variable "tags" {
  description = "Choosing applications by tag"
  type        = bool
  default     = true
}

variable "logs" {
  description = "What applications log"
  type        = bool
  default     = true
}

data "aws_iam_policy_document" "flinkwatch" {
  statement {
    sid    = "FlinkwatchMetrics"
    effect = "Allow"
    actions = [
      "cloudwatch:GetMetricData",
      "cloudwatch:ListMetrics",
    ]
    resources = ["*"]
  }

  dynamic "statement" {
    for_each = var.applications ? [1] : []
    content {
      sid    = "FlinkwatchApplications"
      effect = "Allow"
      actions = [
        "kinesisanalytics:DescribeApplication",
        "kinesisanalytics:ListApplications",
      ]
      resources = ["*"]
    }
  }

  dynamic "statement" {
    for_each = var.tags ? [1] : []
    content {
      sid    = "FlinkwatchTags"
      effect = "Allow"
      actions = [
        "kinesisanalytics:ListTagsForResource",
      ]
      resources = ["*"]
    }
  }

  dynamic "statement" {
    for_each = var.logs ? [1] : []
    content {
      sid    = "FlinkwatchLogs"
      effect = "Allow"
      actions = [
        "logs:FilterLogEvents",
      ]
      resources = ["*"]
    }
  }
}

resource "aws_iam_policy" "flinkwatch" {
  name        = "flinkwatch-read"
  description = "Flinkwatch reads CloudWatch and Managed Service for Apache Flink"
  policy      = data.aws_iam_policy_document.flinkwatch.json
}

resource "aws_iam_role_policy_attachment" "flinkwatch" {
  role       = var.role_name
  policy_arn = aws_iam_policy.flinkwatch.arn
}
