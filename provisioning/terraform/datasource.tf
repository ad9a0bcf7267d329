# The data source Flinkwatch, with Grafana's own provider. The alert rules ask for the uid flinkwatch.

terraform {
  required_providers {
    grafana = {
      source = "grafana/grafana"
    }
  }
}

variable "default_region" {
  description = "Region of queries that do not name one"
  type        = string
}

variable "assume_role_arn" {
  description = "Role to assume; null for the Grafana server's own identity"
  type        = string
  default     = null
}

variable "external_id" {
  description = "External id of that role"
  type        = string
  default     = null
}

resource "grafana_data_source" "flinkwatch" {
  type = "flinkwatch-msf-datasource"
  name = "Flinkwatch"
  uid  = "flinkwatch"

  json_data_encoded = jsonencode({ for name, value in {
    authType      = "default"
    defaultRegion = var.default_region
    assumeRoleArn = var.assume_role_arn
    externalId    = var.external_id
  } : name => value if value != null })
}
