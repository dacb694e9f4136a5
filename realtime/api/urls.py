"""The HTTP addresses of realtime: the console's, the web chat's and the demo phone's."""

from django.urls import path

from realtime.api import (
    acts,
    apps,
    console,
    conversations,
    customers,
    demo,
    deployments,
    flex_webchats,
    internal,
    media,
    outbound,
    search,
    webchat,
    work,
)

app_urls = [
    path("console", console.ConsoleView.as_view()),
    path("console/activity", console.ActivityView.as_view()),
    path("console/reservations/<str:sid>", console.ReservationView.as_view()),
    path("console/reservations/<str:sid>/work", work.WorkView.as_view()),
    path("console/reservations/<str:sid>/transfer", work.TransferView.as_view()),
    path("console/reservations/<str:sid>/end", work.EndView.as_view()),
    path("console/reservations/<str:sid>/leave", work.LeaveView.as_view()),
    path("console/reservations/<str:sid>/park", work.ParkView.as_view()),
    path("console/reservations/<str:sid>/hand-back", work.HandBackView.as_view()),
    path("console/reservations/<str:sid>/wrap-up", work.WrapUpView.as_view()),
    path("console/reservations/<str:sid>/wrap-up/extend", work.ExtendView.as_view()),
    path("console/transfers/<str:sid>/cancel", work.CancelTransferView.as_view()),
    path("console/directory", work.DirectoryView.as_view()),
    path("console/flows", work.FlowsView.as_view()),
    path("console/parked", work.ParkedListView.as_view()),
    path("console/parked/<str:sid>", work.ParkedView.as_view()),
    path("console/outbound", outbound.OutboundView.as_view()),
    path("conversations/<str:sid>/customer", customers.CustomerView.as_view()),
    path("contacts/<str:sid>/conversations", customers.ContactConversationsView.as_view()),
    path("console/apps/<str:sid>/token", apps.AppTokenView.as_view()),
    path("conversations", search.SearchConversationsView.as_view()),
    path("conversations/<str:sid>", conversations.ConversationView.as_view()),
    path("conversations/<str:sid>/messages", conversations.MessagesView.as_view()),
    path("conversations/<str:sid>/search", conversations.SearchView.as_view()),
    path("conversations/<str:sid>/acts", acts.ActsView.as_view()),
    path("conversations/<str:sid>/internal", internal.InternalView.as_view()),
    path("conversations/<str:sid>/media", media.UploadView.as_view()),
    path("conversations/<str:sid>/media/copies", media.CopiesView.as_view()),
    path("media/<str:sid>", media.FileView.as_view()),
    path("conversations/<str:sid>/typing", conversations.TypingView.as_view()),
    path("conversations/<str:sid>/read", conversations.ReadView.as_view()),
    path("webchats", deployments.WebchatsView.as_view()),
    path("webchats/<str:sid>", deployments.WebchatView.as_view()),
    path("webchats/<str:sid>/identity-secret", deployments.IdentitySecretView.as_view()),
]
webchat_urls = [
    path("webchat/v1/deployments/<str:key>", webchat.DeploymentView.as_view()),
    path("webchat/v1/sessions", webchat.SessionsView.as_view()),
    path("webchat/v1/survey", webchat.SurveyView.as_view()),
    path("webchat/v1/sessions/refresh", webchat.RefreshView.as_view()),
    path("webchat/v1/files", webchat.FilesView.as_view()),
    path("webchat.js", webchat.script),
]
demo_urls = [
    path("demo/api/setup", demo.SetupView.as_view()),
    path("demo/api/identity", demo.IdentityView.as_view()),
    path("demo/api/phone", demo.PhoneView.as_view()),
    path("demo/api/phone/media", demo.PhoneFileView.as_view()),
]

# Flex's own address of it.
flex_urls = [path("flex-api/v2/WebChats", flex_webchats.WebChatsView.as_view())]
